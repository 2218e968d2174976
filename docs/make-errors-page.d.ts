import type { ProblemKind } from '../src/http/problems/problem-kind';

/** The committed page. */
export const FILE: string;

/** The page as Markdown, the same for the same catalog. */
export function toErrorsPage(problems: Readonly<Record<string, ProblemKind>>): string;
