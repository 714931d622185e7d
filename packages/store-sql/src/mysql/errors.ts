import type { Classify } from '../store/errors.ts'

const REFUSED = new Set([
  'ER_DATA_TOO_LONG',
  'ER_WARN_DATA_OUT_OF_RANGE',
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_TRUNCATED_WRONG_VALUE',
  'ER_INVALID_JSON_TEXT',
  'ER_BAD_NULL_ERROR',
  'ER_NO_DEFAULT_FOR_FIELD',
  'ER_NO_REFERENCED_ROW_2',
  'ER_ROW_IS_REFERENCED_2',
  'ER_CHECK_CONSTRAINT_VIOLATED',
  'ER_CONSTRAINT_FAILED',
  // MariaDB's ER_CONSTRAINT_FAILED, 4025, under the name that mysql2 has for that number: the one it has in MySQL.
  'ER_INNODB_AUTOEXTEND_SIZE_OUT_OF_RANGE',
  'ER_NET_PACKET_TOO_LARGE',
])

/** By the server's error names. */
export const classifyMysql: Classify = ({ code }) => {
  if (code === 'ER_LOCK_DEADLOCK' || code === 'ER_LOCK_WAIT_TIMEOUT') return 'retry'
  if (code === 'ER_DUP_ENTRY') return 'duplicate'
  if (code === 'ER_NO_SUCH_TABLE' || code === 'ER_BAD_FIELD_ERROR') return 'schema'
  return REFUSED.has(code) ? 'refused' : 'fault'
}
