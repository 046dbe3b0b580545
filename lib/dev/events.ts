/** Told to browsers when a page's data may have changed and its code has not. */
export const DATA_EVENT = 'pagepress:data'
/** Told to browsers when any module has changed; pages that show an error load anew. */
export const CHANGE_EVENT = 'pagepress:change'
/** Told by browsers when they have connected, with the version of the pages they know. */
export const HELLO_EVENT = 'pagepress:hello'
