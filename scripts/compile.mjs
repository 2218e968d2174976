import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** The source has errors or cannot be compiled here; the message is for the person who started the build. */
export class CompileError extends Error {}

const NO_TYPESCRIPT =
  'The service must be compiled first, and TypeScript is not installed. Run "npm ci" without --omit=optional, or copy ' +
  'a finished "dist" folder here.';

/**
 * Compiles a project as its tsconfig.build.json says, but writes nothing.
 *
 * @param {object} options
 * @param {string} options.project the folder
 * @param {string} options.stateFile TypeScript's record of what it has compiled, one of the files of the build
 * @param {boolean} options.incremental whether the last build is complete, so that its files can be used again
 * @returns {Map<string, string>} every file of the build by its absolute path, with its content
 * @throws CompileError
 */
export function compile({ project, stateFile, incremental }) {
  const ts = loadTypeScript(project);
  const commandLine = readConfig(ts, project, stateFile);
  const { fileNames, options, errors } = commandLine;
  const written = new Map();
  const host = ts.createIncrementalCompilerHost(options);
  host.writeFile = (file, text) => written.set(resolve(file), text);
  if (!incremental) host.readFile = hideFile(stateFile, host.readFile);
  const program = ts.createIncrementalProgram({ rootNames: fileNames, options, host });
  refuseErrors(ts, project, [...errors, ...diagnose(program)]);
  program.emit();
  const compiled = fileNames.flatMap((file) => ts.getOutputFileNames(commandLine, file, false));
  const files = [...compiled.map((file) => resolve(file)), stateFile];
  // TypeScript emits nothing for sources that have not changed: their files are those of the last build.
  return new Map(files.map((file) => [file, written.get(file) ?? readFileSync(file, 'utf8')]));
}

function loadTypeScript(project) {
  try {
    return createRequire(join(project, 'package.json'))('typescript');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw new CompileError(NO_TYPESCRIPT);
  }
}

function readConfig(ts, project, stateFile) {
  const overrides = { incremental: true, tsBuildInfoFile: stateFile };
  const onUnRecoverableConfigFileDiagnostic = (problem) => refuseErrors(ts, project, [problem]);
  return ts.getParsedCommandLineOfConfigFile(join(project, 'tsconfig.build.json'), overrides, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic,
  });
}

function hideFile(hidden, readFile) {
  return (file) => (resolve(file) === hidden ? undefined : readFile(file));
}

/** Asked of the incremental program, which checks only what has changed. */
function diagnose(program) {
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program.getSyntacticDiagnostics(),
    ...program.getSemanticDiagnostics(),
  ];
}

function refuseErrors(ts, project, problems) {
  if (problems.length === 0) return;
  const unique = ts.sortAndDeduplicateDiagnostics(problems);
  const host = {
    getCurrentDirectory: () => project,
    getCanonicalFileName: (file) => file,
    getNewLine: () => ts.sys.newLine,
  };
  throw new CompileError(ts.formatDiagnostics(unique, host).trimEnd());
}
