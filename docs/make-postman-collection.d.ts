/** The committed collection. */
export const FILE: string;

/** @param openapi an OpenAPI document */
export function toCollection(openapi: object): Promise<object>;
