import dynalite from 'dynalite'

const [port, host, path] = process.argv.slice(2)
const server = dynalite({ createTableMs: 0, deleteTableMs: 0, ...(path && { path }) })
// DynamoDB keeps a connection for longer than a test on a busy machine leaves it idle.
server.keepAliveTimeout = 600_000
server.listen(Number(port), host, () => process.stdout.write('ready'))
