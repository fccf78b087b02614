import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { findProgram, pinning } from './processes.ts';

/** What it ran on, without anything that tells one machine of the kind from another. */
export function describeMachine(): Readonly<Record<string, string | number | boolean>> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    kernel: release().split('-')[0] ?? '',
    pinned: pinning,
  };
}

const packages = ['koa', '@koa/router', 'lmdb', 'ioredis', 'js-yaml', 'jose'];

/** The versions of what takes part. */
export function describeVersions(): Readonly<Record<string, string>> {
  return {
    node: process.versions.node,
    openssl: process.versions.openssl,
    redis: redisVersion(),
    ...Object.fromEntries(packages.map((name) => [name, packageVersion(name)])),
  };
}

function packageVersion(name: string): string {
  const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return version;
}

function redisVersion(): string {
  const program = findProgram('redis-server') ?? findProgram('valkey-server');
  if (program === undefined) return 'none';
  return / v=(\S+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown';
}
