// Prints the validator's issues as JSON; exit code 1 when any is an error or a warning.
import { readFile } from "node:fs/promises";
import validator from "gltf-validator";

const report = await validator.validateBytes(new Uint8Array(await readFile(process.argv[2])), { maxIssues: 50 });
console.log(JSON.stringify({ issues: report.issues, info: report.info }, null, 1));
process.exit(report.issues.numErrors + report.issues.numWarnings > 0 ? 1 : 0);
