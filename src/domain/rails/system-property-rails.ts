import type { KeyRail } from "./key-rails.ts";
import { anyOf } from "./setting.ts";

/** What the JVM itself and its libraries take from system properties: each is a door of its own. */
export const systemPropertyRails: readonly KeyRail[] = [
  {
    rail: "credentials",
    reader: "system",
    keys: anyOf(["aws.*", "com.amazonaws.*", "software.amazon.*", "user.home"]),
    rule: "the AWS SDK takes credentials, roles and endpoints from it, or from files below it",
  },
  {
    rail: "endpoints",
    reader: "system",
    keys: anyOf([
      "http.proxy*",
      "https.proxy*",
      "ftp.proxy*",
      "socksproxy*",
      "socks.proxy*",
      "java.net.usesystemproxies",
      "java.net.socks.*",
      "jdk.net.hosts.file",
      "sun.net.spi.nameservice.*",
    ]),
    rule: "requests would go to another host than AWS's",
  },
  {
    rail: "java-options",
    reader: "system",
    keys: anyOf([
      "java.class.path",
      "*library.path",
      "java.system.class.loader",
      "java.ext.dirs",
      "java.endorsed.dirs",
      "java.security.manager",
      "java.security.policy",
      "java.security.properties",
      "java.rmi.*",
      "java.naming.*",
      "java.util.logging.config.class",
      "jdk.module.*",
      "com.sun.management.*",
      "com.sun.jndi.*",
      "sun.boot.*",
    ]),
    rule: "the JVM loads code by it, or lets others in",
  },
  {
    rail: "log-destinations",
    reader: "system",
    keys: anyOf(["log4j*jndi*", "log4j*script*"]),
    rule: "log4j would run or fetch what a log configuration names",
  },
];
