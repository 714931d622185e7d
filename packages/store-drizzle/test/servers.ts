export { dumpMariadb, dumpPostgres, type Server, startMariadb, startPostgres } from '@bff/servers'
