export { idpOptionsFrom } from './environment.ts'
