const STORE = `  --store <address>   redis://…, rediss://…, postgres://…, mysql://… or sqlite:file;
                      without it, the environment variable BFF_STORE has the address`
const JSON_OUTPUT = '  --json              prints JSON for programs'
const KEYS = `The environment variable BFF_ENCRYPTION_KEYS has the encryption keys of the\napp, newest first, separated by commas.`

/** What `bff --help` prints. */
export const OVERVIEW = `Usage: bff <command> [options]

  doctor     checks a running BFF from outside, as a browser sees it; changes nothing
  keygen     prints a new encryption key
  rotate     seals every session again with the newest encryption key
  sessions   lists, shows and revokes sessions
  schema     prints the SQL of the tables, or checks that a database has them
  bench      measures the store of your app: create, read, touch, rotate, revoke
  mint       makes a signed-in session for development, and prints its cookie

bff <command> --help tells more about one of them, and bff --version prints the
version of this command.
Exit codes: 0 all is well, 1 a check or a command failed, 2 wrong arguments.`

/** What `bff <command> --help` prints. */
export const HELP: Readonly<Record<string, string>> = {
  doctor: `Usage: bff doctor <origin> [--base-path <path>] [--json]

Checks a running BFF from outside: its endpoints, its CSRF check, its sign-in
up to the page of the provider, its cookie and its clock. It signs nobody in
and changes nothing.

  <origin>            the address in the browser, such as https://app.example.com
  --base-path <path>  the basePath of the BFF. The default is /bff
${JSON_OUTPUT}

Exit code 1 when a check failed. Warnings do not count.`,

  keygen: `Usage: bff keygen

Prints a new encryption key: 32 random bytes in base64. Use a different one in
each environment.`,

  rotate: `Usage: bff rotate --store <address> [--check] [--force] [--json]

Seals every active session again whose tokens or claims an older encryption
key has sealed. Run it after each process of the app has the newest key first
in encryptionKeys (step 2 of the rotation), beside the traffic: nobody is
signed out. Stop it at any time and run it again: it goes on with what is
left.

Each session that is used after step 2 moves to the newest key as a whole,
with the hash of its cookie's secret, which this command cannot make again.
Therefore it reports which older keys are still needed, by how many sessions
and until when.

${STORE}
  --check             changes nothing; exit code 1 while a session needs an older key
  --force             also when no session shows yet that the app has the newest key
${JSON_OUTPUT}

${KEYS}
Exit code 1 when it was stopped, and when sessions need a key that is not
among these.`,

  sessions: `Usage: bff sessions list --store <address> <filter> [--active] [--limit <n>]
                         [--json]
       bff sessions show <handle> --store <address> [--json]
       bff sessions revoke <handle> --store <address> [--yes] [--json]
       bff sessions revoke --store <address> <filter> [--yes] [--limit <n>]
                         [--json]

Lists, shows or revokes sessions. revoke without --yes shows what it would
revoke, and changes nothing.

${STORE}
  --user <id>         the sessions of a user
  --organization <id> those of an organization
  --issuer <url>      with --subject <id> or --provider-session <id>: those of a
                      user or of a session at a provider
  --all               the sessions of any owner, as the other filters narrow them
  --device <id>       only those of this device
  --except <handle>   all but this one
  --active            list only: neither expired nor revoked ones
  --limit <n>         shows at most this many. The default is 100
  --yes               revoke only: revokes them
${JSON_OUTPUT}`,

  schema: `Usage: bff schema sql postgres|mysql|sqlite
       bff schema check --store <address> [--json]

Prints the SQL of the tables, in the order of the migrations, or checks that a
database has every table, column and index.

${STORE}
${JSON_OUTPUT}

Exit code 1 when something is missing in the database.`,

  bench: `Usage: bff bench --store <address> [--sessions <n>] [--json]

Measures what a session costs with the store and the keys of the app, from
this machine: it creates, reads, touches, rotates and revokes sessions of a
user of its own, one after the other, and deletes them again. Half of the
calls took at most p50 milliseconds, and 99 of 100 took p99. A touch is a
read, and the write of its time.

${STORE}
  --sessions <n>      how many. The default is 200
${JSON_OUTPUT}

${KEYS}`,

  mint: `Usage: bff mint --store <address> --user <id> [--issuer <url>]
                [--claims <json>] [--origin <origin>] [--json]

Stores a session for a user of your choice and prints its cookie. For
development without the pages of the provider: it refuses every origin but
localhost.

${STORE}
  --user <id>         the user
  --issuer <url>      the provider; without it, a session of no provider
  --claims <json>     what the app knows about the user, such as '{"name":"Alice"}'
  --origin <origin>   the origin of the app. The default is http://localhost:3000
${JSON_OUTPUT}

${KEYS}`,
}
