export { plugin as default } from '../bff'
