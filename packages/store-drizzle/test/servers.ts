export {
  dumpMariadb,
  dumpPostgres,
  type Server,
  startMariadb,
  startPgbouncer,
  startPostgres,
} from '@bff/servers'
