/**
 * What the reaper runs. It reads `add PID` and `del PID` lines; at the end of its input (the gateway is gone, whatever
 * ended it) it ends every group that is left: first by SIGTERM, after 2 s by SIGKILL. Signals do not stop it.
 */
export const posixReaper = `
trap '' INT HUP TERM
groups=
while read -r word group; do
  case $word in
    add) groups="$groups $group" ;;
    del)
      rest=
      for one in $groups; do [ "$one" = "$group" ] || rest="$rest $one"; done
      groups=$rest ;;
  esac
done
[ -n "$groups" ] || exit 0
for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
round=0
while [ $round -lt 20 ]; do
  alive=
  for group in $groups; do kill -s 0 -- "-$group" 2>/dev/null && alive=yes; done
  [ -n "$alive" ] || exit 0
  sleep 0.1
  round=$((round + 1))
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
`;

/** The same for Windows, which has no process groups: run by Node, it ends each process tree by the command given. */
export const windowsReaper = `
const { spawnSync } = require("node:child_process");
const [command, ...args] = process.argv.slice(1);
const pids = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGBREAK"]) process.on(signal, () => {});
require("node:readline").createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [word, pid] = line.split(" ");
    if (word === "add") pids.add(pid);
    if (word === "del") pids.delete(pid);
  })
  .on("close", () => {
    for (const pid of pids) spawnSync(command, [...args, pid], { stdio: "ignore" });
    process.exit(0);
  });
`;

/**
 * The stub an engine starts behind: it waits for the word that its group is registered with the reaper, then becomes
 * the engine. When the gateway dies before that, it reads an end instead of the word, and nothing was started.
 */
export const startStub = 'read -r word && [ "$word" = go ] && exec "$@" </dev/null';
