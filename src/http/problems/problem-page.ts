import type { ProblemInfoDto } from './problem-info.dto';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** The page of a problem for browsers; it loads nothing. */
export function toProblemPage(info: ProblemInfoDto): string {
  const { code, status, title, cause, remedy, example } = info;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escape(title)}</title>
<h1>${escape(title)}</h1>
<p><code>${code}</code>, HTTP status ${status}</p>
<h2>Cause</h2>
<p>${escape(cause)}</p>
<h2>Remedy</h2>
<p>${escape(remedy)}</p>
<h2>Example</h2>
<pre>${escape(JSON.stringify(example, null, 2))}</pre>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}
