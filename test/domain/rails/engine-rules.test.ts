import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinArguments } from "#domain/rails/arguments.ts";
import { applyEngineRules, type EngineJob, type RuledEngineJob } from "#domain/rails/engine-rules.ts";
import { sparkEngine } from "#domain/rails/engines.ts";
import { sampleTenant } from "#test/helpers/setup.ts";

/** The guard rail that sets a bound of its own is down: these tests are about the tenant's rules. */
const acknowledged = [{ rail: "executors", keys: ["*"], reason: "tested by itself" }] as const;

const applied = (job: Partial<EngineJob>, spark: object): RuledEngineJob =>
  applyEngineRules(
    { parameters: undefined, configurations: [], ...job },
    {
      engine: sparkEngine,
      rules: sampleTenant({ spark }).spark,
      context: { prefixes: ["s3://jobs/acme/"], acknowledged: acknowledged.map((one) => ({ ...one, keys: ["*"] })) },
    },
  );

const sparkDefaults = (properties: Record<string, string>) => ({ classification: "spark-defaults", properties });

describe("applyEngineRules() sets defaults", () => {
  const rules = { default: { "spark.x": "1" } };

  test("where the job has no parameters at all", () => {
    expect(applied({}, rules)).toStrictEqual({
      parameters: "--conf spark.x=1",
      configurations: [],
      changes: [{ field: "spark/spark.x", rule: "the tenant's default for this Spark property" }],
      faults: [],
    });
  });

  test.each<[string, Partial<EngineJob>, Record<string, string>?]>([
    ["its parameters set it", { parameters: "--conf  spark.x=2" }],
    ["an option of spark-submit sets it", { parameters: "--driver-memory 2g" }, { "spark.driver.memory": "1g" }],
    ["spark-defaults set it", { parameters: "--verbose", configurations: [sparkDefaults({ "spark.x": "2" })] }],
  ])("but not where %s", (_case, job, defaults = { "spark.x": "1" }) => {
    const ruled = applied(job, { default: defaults });
    expect(ruled.changes).toStrictEqual([]);
    expect(ruled.parameters).toBe(job.parameters);
  });

  test("and sets a value with spaces as one argument", () => {
    expect(applied({}, { default: { "spark.x": 'a "b"' } }).parameters).toBe('--conf "spark.x=a \\"b\\""');
  });
});

describe("applyEngineRules() enforces", () => {
  const rules = { enforced: { "spark.x": "1", "spark.driver.memory": "2g" } };
  const enforced = "--conf spark.x=1 --conf spark.driver.memory=2g";

  test.each([
    ["nothing", undefined],
    ["another value", "--conf spark.x=2"],
    ["another value with =", "--conf=spark.x=2"],
    ["another value in short", "-c spark.x=2"],
    ["another value in quotes", "'--conf' \"spark.x\"=2"],
    ["another value twice", "--conf spark.x=3 --conf spark.x=2"],
    ["another value after the right one", "--conf spark.driver.memory=3g --conf=spark.x=2"],
    ["an option of spark-submit", "--driver-memory 4g"],
    ["an option of spark-submit with =", "--driver-memory=4g"],
    ["no value", "--conf spark.x"],
  ])("whatever the job asks for: %s", (_spelling, parameters) => {
    expect(applied({ parameters }, rules).parameters).toBe(enforced);
  });

  test("and drops the same property under every other name that reaches the same program", () => {
    const hive = { enforced: { "spark.hadoop.hive.exec.x": "1" } };
    const job = { parameters: "--conf spark.hive.exec.x=2 --conf spark.y=1 --conf hive.exec.x=1" };
    expect(applied(job, hive).parameters).toBe("--conf spark.hadoop.hive.exec.x=1 --conf spark.y=1");
  });

  test("also what it forbids: a job that says the same is no job that sets it itself", () => {
    const own = { enforced: { "spark.x": "1" }, forbidden: ["spark.x"] };
    expect(applied({ parameters: "--conf spark.x=1" }, own).faults).toEqual([]);
    expect(applied({ parameters: "--conf spark.x=2" }, own).faults).toHaveLength(1);
    expect(applied({ parameters: "--conf spark.x=1 --conf spark.x=2" }, own).faults).toHaveLength(1);
  });

  test("the last of several values counts", () => {
    const job = { parameters: "--conf spark.x=1 --conf spark.x=1 --driver-memory 2g" };
    expect(applied(job, rules)).toMatchObject({ parameters: job.parameters, changes: [] });
  });

  test("and takes another value out of spark-defaults, however deep they are", () => {
    const other = { classification: "other", properties: { "spark.x": "2" } };
    const configurations = [
      { ...other, configurations: [sparkDefaults({ "spark.x": "2", "spark.y": "3" })] },
      sparkDefaults({ "spark.x": "2" }),
      sparkDefaults({ "spark.x": "1" }),
    ];
    const ruled = applied({ configurations }, { enforced: { "spark.x": "1" } });
    expect(ruled.configurations).toStrictEqual([
      { ...other, configurations: [sparkDefaults({ "spark.y": "3" })] },
      sparkDefaults({}),
      sparkDefaults({ "spark.x": "1" }),
    ]);
    const { changes } = ruled;
    expect(changes).toStrictEqual([
      { field: "applicationConfiguration/spark-defaults/spark.x", rule: "the tenant enforces another value" },
      { field: "applicationConfiguration/spark-defaults/spark.x", rule: "the tenant enforces another value" },
      { field: "spark/spark.x", rule: "the tenant enforces this Spark property" },
    ]);
  });
});

describe("applyEngineRules() puts what it adds first", () => {
  test("so that no option of the job can take it for its value", () => {
    const { parameters } = applied({ parameters: "--new-option" }, { enforced: { "spark.x": "1" } });
    expect(parameters).toBe("--conf spark.x=1 --new-option");
  });
});

describe("applyEngineRules() leaves alone", () => {
  test("every job of a tenant without rules, byte by byte", () => {
    const job = { parameters: "--conf  'a=1'  --class\tX ", configurations: [sparkDefaults({ "spark.x": "1" })] };
    expect(applied(job, {})).toStrictEqual({ ...job, changes: [], faults: [] });
  });

  test("a job that keeps the rules already, byte by byte", () => {
    const job = { parameters: "--conf  'spark.x=1'  --conf \"spark.y=2\" ", configurations: [] };
    const rules = { enforced: { "spark.x": "1" }, default: { "spark.y": "3" }, forbidden: ["spark.z*"] };
    expect(applied(job, rules)).toStrictEqual({ ...job, changes: [], faults: [] });
  });

  test("what is no property: log4j's own keys", () => {
    const configurations = [{ classification: "spark-driver-log4j2", properties: { "logger.x.level": "info" } }];
    const ruled = applied({ configurations }, { forbidden: ["logger.x.level"], default: { "spark.y": "1" } });
    expect(ruled).toMatchObject({ configurations, faults: [] });
  });
});

describe("applyEngineRules() refuses a forbidden property however it is spelt", () => {
  const rules = { forbidden: ["spark.bad*", "spark.jars*", "spark.master"] };

  test.each([
    "--conf spark.bad=1",
    "--conf=spark.bad=1",
    "-c spark.bad=1",
    "--conf spark.badder=1",
    "--conf spark.bad",
    '--conf "spark.bad=1"',
    "--conf 'spark.bad'=1",
    "\"--conf\" spark.b'a'd=1",
    "--co\\nf spark\\.bad=1",
    '--conf " spark.bad=1"',
    '--conf "spark.bad =1"',
    "--conf\nspark.bad=1",
    "--conf a=1 --conf spark.bad=1",
    "--conf spark.bad=1 --conf spark.bad=2",
    "--jars s3://x/a.jar",
    "--jars=s3://x/a.jar",
    "--packages org:lib:1",
    "--master local",
    "--name --conf --conf spark.bad=1",
    "--verbose --conf spark.bad=1",
    "--load-spark-defaults --conf spark.bad=1",
    "-c=x --conf spark.bad=1",
    "--class= --conf spark.bad=1",
    "--driver-java-options -Dspark.bad=1",
    '--driver-java-options "-Xmx1g -Dspark.bad=1"',
    '--conf "spark.driver.extraJavaOptions=-Da=b -Dspark.bad=1"',
    "--conf spark.driver.defaultJavaOptions=-Dspark.bad=1",
    "--driver-java-options '-\"Dsp\"ark.bad=1'",
    "--conf spark.executor.extraJavaOptions='\"-Dspark.bad=1\"'",
  ])("%j", (parameters) => {
    const { faults } = applied({ parameters }, rules);
    expect(faults[0]).toMatchObject({
      pointer: "/jobDriver/sparkSubmit/sparkSubmitParameters",
      kind: "denied",
      message: expect.stringMatching(/^must not set Spark properties that match "spark\.(bad\*|jars\*|master)": /),
    });
  });

  test.each([
    ["spark-defaults", sparkDefaults({ "spark.bad": "1" }), "properties/spark.bad"],
    [
      "spark-defaults in other letters",
      { classification: " Spark-Defaults", properties: { "spark.bad": "1" } },
      "properties/spark.bad",
    ],
    ["spaces around the key", sparkDefaults({ " spark.bad": "1" }), "properties/ spark.bad"],
    [
      "spark-defaults below another classification",
      { classification: "outer", configurations: [sparkDefaults({ a: "1" }), sparkDefaults({ "spark.bad": "1" })] },
      "configurations/1/properties/spark.bad",
    ],
    [
      "Java options in spark-defaults",
      sparkDefaults({ "spark.driver.extraJavaOptions": "-Dspark.bad=1" }),
      "properties/spark.driver.extraJavaOptions",
    ],
  ])("in %s", (_where, configuration, at) => {
    const { faults } = applied({ configurations: [configuration] }, rules);
    expect(faults[0]).toMatchObject({
      pointer: `/configurationOverrides/applicationConfiguration/0/${at}`,
      kind: "denied",
      message: expect.stringMatching(/^must not set Spark properties that match "spark\.bad\*": /),
    });
  });

  test.each([
    ["a key with a space", { "spark.a spark.bad": "1" }],
    ["a key with =", { "spark.bad=1": "" }],
    ["a key with :", { "spark.bad:1": "" }],
    ["a key with a backslash", { "spark\\.hidden": "1" }],
    ["a value with a second line", { "spark.a": "1\nspark.bad 2" }],
    ["a value with a carriage return", { "spark.a": "1\rspark.bad 2" }],
  ])("by writing it into the properties file with %s", (_trick, properties) => {
    expect(
      applied({ configurations: [sparkDefaults(properties)] }, { forbidden: ["spark.hidden"] }).faults,
    ).toMatchObject([
      {
        kind: "denied",
        wanted:
          'must be one line of a file: a key of letters, digits and ".-_/@+%~#*,[]", and a value without line breaks',
      },
    ]);
  });

  test.each(["--properties-file s3://x/p", "--properties-file=s3://x/p", "--class X '--properties-file' p"])(
    "by reading it from a file: %j",
    (parameters) => {
      expect(applied({ parameters }, rules).faults).toMatchObject([
        {
          kind: "denied",
          message: 'must not read Spark properties from a file: current value is "--properties-file"',
        },
      ]);
    },
  );

  test("for any repeats, spellings and neighbours", () => {
    const harmless = fc.constantFrom(["--conf", "a=1"], ["--class", "Main"], ["--name", "--conf"], ["--verbose"]);
    const forbidden = fc.constantFrom(
      ["--conf", "spark.bad=1"],
      ["--conf=spark.bad=1"],
      ["-c", "spark.bad=1"],
      ["--jars", "x"],
    );
    fc.assert(
      fc.property(fc.array(harmless), forbidden, fc.array(harmless), (before, bad, after) => {
        const parameters = joinArguments([...before, bad, ...after].flat());
        expect(applied({ parameters }, rules).faults).toHaveLength(1);
      }),
    );
  });
});

describe("applyEngineRules() refuses for every tenant", () => {
  test("an option without its value: it would take the entry point for it", () => {
    expect(applied({ parameters: "--class Main --name" }, {}).faults).toMatchObject([
      { kind: "denied", current: '"--name"' },
    ]);
  });

  test("parameters whose quotes are not closed", () => {
    expect(applied({ parameters: '--conf "a=b' }, {}).faults).toStrictEqual([
      {
        pointer: "/jobDriver/sparkSubmit/sparkSubmitParameters",
        message: 'must be text whose " quotes are closed: current value is "…\\""',
        current: '"…\\""',
        wanted: 'text whose " quotes are closed',
      },
    ]);
  });

  test("parameters that end in a backslash, which would swallow what is added", () => {
    expect(applied({ parameters: "--conf a=b\\" }, {}).faults[0]?.wanted).toBe(
      "text that does not end in the middle of a backslash escape",
    );
  });

  test("an argument that is no option: spark-submit would run it in place of the entry point", () => {
    expect(applied({ parameters: "--class Main s3://other/job.py --conf a=b" }, {}).faults).toStrictEqual([
      {
        pointer: "/jobDriver/sparkSubmit/sparkSubmitParameters",
        message:
          'must be options of spark-submit with their values, nothing else: current value is "s3://other/job.py"',
        current: '"s3://other/job.py"',
        wanted: "must be options of spark-submit with their values, nothing else",
        kind: "denied",
      },
    ]);
  });
});

describe("applyEngineRules() refuses a forbidden property that Spark reads from a file of Hadoop's", () => {
  const forbidden = ["spark.hadoop.fs.s3*", "spark.hadoop.javax.*"];
  const linesOf = (classification: string, properties: Record<string, string>) =>
    applied({ configurations: [{ classification, properties }] }, { forbidden }).faults.map(
      ({ pointer, message, kind }) => `${kind} ${pointer} ${message}`,
    );

  test.each(["core-site", "hdfs-site", "emrfs-site", "yarn-site", "mapred-site", "hive-site", " Core-Site "])(
    "%s",
    (classification) => {
      expect(linesOf(classification, { "fs.s3a.endpoint": "https://elsewhere" })).toEqual([
        'denied /configurationOverrides/applicationConfiguration/0/properties/fs.s3a.endpoint must not set Spark properties that match "spark.hadoop.fs.s3*": current value is "fs.s3a.endpoint"',
      ]);
      expect(linesOf(classification, { "fs.other": "1" })).toEqual([]);
      expect(linesOf(classification, { " javax.jdo.option.ConnectionURL": "jdbc:x" })[0]).toContain(
        '"spark.hadoop.javax.*"',
      );
    },
  );

  test("also below another classification, and not in other programs' files", () => {
    const inner = { classification: "hive-site", properties: { "javax.jdo.option.ConnectionURL": "jdbc:x" } };
    const { faults } = applied(
      { configurations: [{ classification: "outer", configurations: [inner] }] },
      { forbidden },
    );
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      "/configurationOverrides/applicationConfiguration/0/configurations/0/properties/javax.jdo.option.ConnectionURL",
    ]);
    expect(linesOf("spark-env", { "fs.s3a.endpoint": "x" })).toEqual([]);
  });
});
