// The entry `pagepress/parts`, which nobody writes down: the build adds it to the server's modules.
export { noteImport } from './dynamic-parts.js'
