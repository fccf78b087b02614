#!/usr/bin/env node
import { homedir } from 'node:os';
import open from 'open';
import { runProgram } from './cli/program.ts';

// What is made on disk is its owner's only, whatever the shell's habit is.
process.umask(0o077);

// A reader that goes away early, such as `head`, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), {
  env: process.env,
  home: homedir(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  openBrowser: async (url) => {
    await open(url);
  },
});
