// What an evaluator of IAM policies that is not ours says: reads simulations as JSON, prints their results.
import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const found = [];
for (const simulation of JSON.parse(readFileSync(0, "utf8"))) {
  const answer = await runSimulation(simulation, {});
  found.push(answer.errors ? JSON.stringify(answer.errors) : (answer.overallResult ?? answer.analysis?.result));
}
console.log(JSON.stringify(found));
