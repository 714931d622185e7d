/** What a command or a statement does to the store's data. */
export type CallKind = 'reads' | 'writes' | 'other'
