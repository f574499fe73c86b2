// The calls of every_kind.json, made with the SDK for JavaScript; it ends with a sentence where one goes another way.
import { readFileSync } from "node:fs";
import * as sdk from "@aws-sdk/client-backup";

const kinds = JSON.parse(readFileSync(new URL("every_kind.json", import.meta.url)));
const aws = new sdk.BackupClient({ maxAttempts: 1 });
const at = (answer, path) => path.split(".").reduce((found, name) => found?.[name], answer);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const filled = (value, kept) => {
  if (typeof value === "string") return value.startsWith("$") ? kept[value.slice(1)] : value;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner, kept)]));
};

const call = async (step, kept) => {
  // What this version of the SDK does not know yet is left out.
  if (sdk[`${step.call}Command`] === undefined) return { unknown: true };
  try {
    return { answer: await aws.send(new sdk[`${step.call}Command`](filled(step.params, kept))) };
  } catch (error) {
    return { answer: {}, code: error.name };
  }
};

const reached = (step, { answer, code, unknown }) =>
  unknown ||
  (step.until_refused
    ? code !== undefined
    : code !== undefined || Object.entries(step.until ?? {}).every(([path, value]) => same(at(answer, path), value)));

const goThrough = async (kind) => {
  const kept = {};
  for (const step of kinds[kind]) {
    const end = Date.now() + 60_000;
    let found;
    while (!reached(step, (found = await call(step, kept)))) {
      if (Date.now() > end) throw new Error(`${kind}: ${step.call} never comes to its end`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (found.unknown) continue;
    if (found.code !== (step.refused ?? step.until_refused)) throw new Error(`${kind}: ${step.call}: ${found.code}`);
    for (const [path, value] of Object.entries(step.tells ?? {}))
      if (!same(at(found.answer, path), value)) throw new Error(`${kind}: ${step.call} tells ${path} otherwise`);
    for (const [name, path] of Object.entries(step.keeps ?? {})) kept[name] = at(found.answer, path);
  }
  return kind;
};

console.log(JSON.stringify(await Promise.all(Object.keys(kinds).map(goThrough))));
