// index.d.ts
declare const FRAMEWORKS: readonly [
    "express",
    "fastify",
    "hono",
    "koa",
    "nest",
    "next",
    "react-router",
    "sveltekit"
];
declare const STORES: readonly [
    "memory",
    "redis",
    "sqlite",
    "postgres"
];
declare function packagesOf(answers: Answers): readonly string[];
declare function run(args: readonly string[], { out, err, isInteractive }: Output, findVersions?: FindVersions): Promise<{
    exitCode: 0 | 1 | 2;
    folder?: string;
}>;
declare function writeApp(folder: string, answers: Answers, versions?: Versions): void;
export { FRAMEWORKS, STORES, packagesOf, run, type Answers, type FindVersions, type Framework, type Output, type Store, type Versions, writeApp };
interface Answers {
    readonly folder: string;
    readonly framework: Framework;
    readonly store: Store;
    readonly provider: string;
}
interface Output {
    readonly out: (line: string) => void;
    readonly err: (line: string) => void;
    readonly isInteractive: boolean;
}
type FindVersions = (packages: readonly string[]) => Versions | Promise<Versions>;
type Framework = (typeof FRAMEWORKS)[number];
type Store = (typeof STORES)[number];
type Versions = (name: string) => string;

// main.d.ts

