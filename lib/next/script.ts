export { Script as default, type ScriptProps } from '../react/script.js'
