/** What stands in for systemd and Docker: programs that start and stop the same commands as the same users. */
import { join } from 'node:path';
import { writeProgram } from './blocks.ts';

/** The machine of a test. */
export interface Machine {
  /** The root of its files. */
  readonly root: string;
  /** Where these programs are put. */
  readonly programs: string;
  /** The user of the application. */
  readonly uid: number;
  /** Where the application and the web server listen. */
  readonly port: number;
  readonly webPort: number;
}

/** Runs as the user of the application, with nothing of ours in the environment but the path. */
const as = ({ root, uid }: Machine): string =>
  `env -i PATH="$PATH" HOME=${root} npm_config_cache=${root}/npm npm_config_offline=true setpriv --reuid=${uid} --regid=${uid} --clear-groups env`;

const background = (machine: Machine): string => `
start_app() { # folder, environment, command
  cd "$1"
  ${as(machine)} $2 PORT=${machine.port} $3 >${machine.root}/app.log 2>&1 </dev/null &
  echo $! >${machine.root}/app.pid
  until curl -s -o /dev/null http://127.0.0.1:${machine.port}/; do kill -0 $!; sleep 0.05; done
}
stop_app() {
  kill $(cat ${machine.root}/app.pid)
  tail --pid=$(cat ${machine.root}/app.pid) -f /dev/null
}
`;

/** \`systemctl\`: enabling is done by the real one, in the files of the machine; services are run by this. */
export function writeSystemctl(machine: Machine): Promise<void> {
  const units = join(machine.root, 'etc/systemd/system');
  return writeProgram(
    join(machine.programs, 'systemctl'),
    `#!/bin/bash
set -euo pipefail
${background(machine)}
of() { sed -n "s/^$2=//p" ${units}/$1; }
case "$1 $2" in
  'enable --now') shift 2; /usr/bin/systemctl --root=${machine.root} enable "$@"; exec "$0" start "$1" ;;
  'start site.service') start_app "$(of $2 WorkingDirectory)" "$(of $2 Environment)" "$(of $2 ExecStart)" ;;
  'stop site.service') stop_app ;;
  'start site-warm.service') cd "$(of $2 WorkingDirectory)"; ${as(machine)} $(of $2 Environment) $(of $2 ExecStart) ;;
  'reload nginx')
    nginx -s reload -c ${machine.root}/etc/nginx/nginx.conf
    until curl -s -o /dev/null http://127.0.0.1:${machine.webPort}/; do sleep 0.05; done ;;
  *) echo "systemctl $*" >&2; exit 1 ;;
esac
`,
  );
}

/** \`docker compose\`: containers are processes, with the environment and the command of the Dockerfile. */
export function writeDocker(machine: Machine, environment: string, command: string): Promise<void> {
  const { root, webPort } = machine;
  return writeProgram(
    join(machine.programs, 'docker'),
    `#!/bin/bash
set -euo pipefail
${background(machine)}
[ "$1" = compose ]
case "$2 $3" in
  'up -d')
    case "$4" in
      app) start_app ${root}/app '${environment}' '${command}' ;;
      web)
        cp site.conf ${root}/etc/nginx/conf.d/site.conf
        nginx -s reload -c ${root}/etc/nginx/nginx.conf
        until curl -s -o /dev/null http://127.0.0.1:${webPort}/; do sleep 0.05; done ;;
    esac ;;
  'exec app') shift 3; cd ${root}/app; ${as(machine)} ${environment} "$@" ;;
  *) echo "docker $*" >&2; exit 1 ;;
esac
`,
  );
}
