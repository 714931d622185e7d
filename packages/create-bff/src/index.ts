export { type Answers, FRAMEWORKS, type Framework, STORES, type Store } from './answers.ts'
export { type Output, run } from './run.ts'
export { type FindVersions, packagesOf, type Versions, writeApp } from './write-app.ts'
