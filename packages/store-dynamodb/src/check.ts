import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb'
import { BffError } from '@bff/core'
import type { Connection } from './connection.ts'

const KEYS = ['pk HASH S', 'sk RANGE S']
const READY: ReadonlySet<string | undefined> = new Set(['ACTIVE', 'UPDATING'])
const ENABLED: ReadonlySet<string | undefined> = new Set(['ENABLED', 'ENABLING'])

/** @throws BffError `invalid_config` with a sentence that says what is missing */
export async function checkTable(connection: Connection, table: string): Promise<void> {
  const found = await connection.read(async (client, options) => {
    try {
      return (await client.send(new DescribeTableCommand({ TableName: table }), options)).Table
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined
      throw error
    }
  })
  const make = 'Make it as the README of @bff/store-dynamodb says'
  if (found === undefined) throw wrong(table, `does not exist. ${make}`)
  if (!READY.has(found.TableStatus))
    throw wrong(table, `cannot be used: its status is ${found.TableStatus}. Wait until it is ACTIVE`)
  const types = new Map(found.AttributeDefinitions?.map((one) => [one.AttributeName, one.AttributeType]))
  const keys = found.KeySchema?.map(
    (one) => `${one.AttributeName} ${one.KeyType} ${types.get(one.AttributeName)}`,
  )
  if (keys?.join() !== KEYS.join()) throw wrong(table, `has other keys than pk and sk, both text. ${make}`)
  const { TimeToLiveDescription: ttl } = await connection.read((client, options) =>
    client.send(new DescribeTimeToLiveCommand({ TableName: table }), options),
  )
  if (!ENABLED.has(ttl?.TimeToLiveStatus) || ttl?.AttributeName !== 'deleteAt')
    throw wrong(table, 'keeps what has expired. Enable its Time to Live on the attribute deleteAt')
}

const wrong = (table: string, sentence: string) =>
  new BffError('invalid_config', `The table ${table} ${sentence}.`)
