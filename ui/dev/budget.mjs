// Fails when the scripts that the first page loads exceed their budget, compressed as gzip (the larger of the two encodings).
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const budgetBytes = 250 * 1024;
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${dist}manifest.json`, "utf8"));

const files = new Set();
function addStatic(key) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const imported of chunk.imports ?? []) addStatic(imported);
}
addStatic("index.html");
for (const key of Object.keys(manifest)) if (/pages\/golden\/.*Page\.tsx$/.test(key)) addStatic(key);

let total = 0;
for (const file of files) {
  if (!file.endsWith(".js")) continue;
  const bytes = gzipSync(readFileSync(dist + file), { level: 9 }).length;
  total += bytes;
  console.log(`${(bytes / 1024).toFixed(1).padStart(8)} KB  ${file}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(8)} KB  of ${budgetBytes / 1024} KB`);
if (total > budgetBytes) {
  console.error(`the first page's scripts exceed their budget by ${((total - budgetBytes) / 1024).toFixed(1)} KB`);
  process.exit(1);
}
