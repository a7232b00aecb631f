import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/spark/**/*.test.ts"],
    globalSetup: ["test/build-functions.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
