// index.d.ts
declare function doctor(origin: string, basePath?: string, clock?: Clock): Promise<readonly Finding[]>;
declare function run(args: readonly string[], output: Output): Promise<ExitCode>;
export { doctor, run, type ExitCode, type Finding, type Output };
import { Clock } from '@bff/core';
interface Finding {
    readonly check: 'reachable' | 'session' | 'csrf' | 'health' | 'sign-in' | 'cookie' | 'provider' | 'host' | 'clock';
    readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
    readonly message: string;
}
interface Output {
    readonly out: (line: string) => void;
    readonly err: (line: string) => void;
    readonly status?: (line: string) => void;
    readonly columns?: () => number;
}
type ExitCode = 0 | 1 | 2;

// main.d.ts

