// Writes `<file>.br` and `<file>.gz` beside what Vite made, where they are smaller: compressed once, as small as it gets.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const COMPRESSIBLE = /\.(html|js|css|svg|json|txt|webmanifest)$/;
/** Below this, headers weigh more than what is saved. */
const WORTHWHILE_BYTES = 512;

export function precompress(): Plugin {
  let folder = "dist";
  return {
    name: "precompress",
    apply: "build",
    configResolved(config) {
      folder = config.build.outDir;
    },
    async closeBundle() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name));
      await Promise.all(files.map((entry) => compress(join(entry.parentPath, entry.name))));
    },
  };
}

async function compress(path: string) {
  const plain = await readFile(path);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  const packed = { br: brotliCompressSync(plain, { params: quality }), gz: gzipSync(plain, { level: 9 }) };
  for (const [ending, bytes] of Object.entries(packed)) {
    const worthwhile = plain.length >= WORTHWHILE_BYTES && bytes.length < plain.length;
    await (worthwhile ? writeFile(`${path}.${ending}`, bytes) : rm(`${path}.${ending}`, { force: true }));
  }
}
