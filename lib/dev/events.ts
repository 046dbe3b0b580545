/** Told to browsers when a page's data may have changed and its code has not. */
export const DATA_EVENT = 'pagepress:data'
/** Told to browsers when any module has changed; pages that show an error load anew. */
export const CHANGE_EVENT = 'pagepress:change'
/** Told by browsers when they have connected, with the version of the pages they know. */
export const HELLO_EVENT = 'pagepress:hello'
/** Told by browsers that show an error, with the number of changes before it was rendered. */
export const FAILED_EVENT = 'pagepress:failed'
