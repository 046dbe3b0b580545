import 'express-session'
import type { User } from './users.js'

declare module 'express-session' {
  interface SessionData {
    user: User
    /** Names the visitor's cart; set when something is first put into it. */
    cart: string
  }
}
