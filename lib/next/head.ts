export { Head as default } from '../react/head.js'
