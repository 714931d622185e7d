type BffLocals = import('@bff/astro').BffLocals

declare namespace App {
  interface Locals extends BffLocals {}
}
