/** The largest id of a user or an item: their columns are PostgreSQL `integer`s. */
export const MAX_ID = 2_147_483_647;
