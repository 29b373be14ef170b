/** The image of the clients' containers: busybox with all its commands. */
export const IMAGE = 'busybox:full';

/** A client of Docker's API, as a script whose output must not depend on the socket. */
export interface Client {
  readonly name: string;
  /** A shell command that fails where the client is not installed. */
  readonly needs?: string;
  /** Run by bash with DOCKER_HOST and SOCKET; $1 is `--files`, $2 this directory. */
  readonly script: string;
}

const RUN = `docker run --network none`;

export const CLIENTS: readonly Client[] = [
  {
    name: 'docker cp of 200 MiB',
    script: `
      dir=$(mktemp -d); trap 'rm -r $dir; docker rm -f cp >/dev/null' EXIT
      head -c 209715200 /dev/urandom > $dir/data
      docker create --name cp ${IMAGE} true
      docker cp $dir/data cp:/data && docker cp cp:/data $dir/back && cmp $dir/data $dir/back && echo equal`,
  },
  {
    name: 'docker save and load',
    script: `docker save ${IMAGE} | docker load; docker images --format '{{.Repository}}:{{.Tag}}' | sort`,
  },
  {
    name: 'docker logs -f',
    script: `${RUN} -d --name logs ${IMAGE} sh -c 'for i in 1 2 3; do echo line $i; sleep 1; done; exit 2'
      docker logs -f logs; docker wait logs; docker rm logs`,
  },
  {
    name: 'docker stats',
    script: `${RUN} -d --name stats ${IMAGE} sleep 60
      docker stats --no-stream --format '{{.Name}} {{.PIDs}} {{.BlockIO}}' stats; docker rm -f stats`,
  },
  {
    name: 'docker events and wait',
    script: `since=$(date +%s.%N)
      ${RUN} --name seen ${IMAGE} sh -c 'exit 4'; docker wait seen; docker rm seen
      docker events --since $since --until $(date +%s.%N) --filter container=seen --format '{{.Type}} {{.Action}} {{.Actor.Attributes.exitCode}}'`,
  },
  {
    name: 'docker run -it, resized',
    script: `python3 $2/../python/terminal.py '/ # >echo rea""dy\\r' 'ready>resize:41x133' '/ # >stty size\\r' '41 133>sleep 60\\r' 'sleep 60>\\x03' '/ # >exit 4\\r' \\
        -- ${RUN} --rm -it ${IMAGE} sh > /dev/null; echo code $?`,
  },
  {
    name: 'docker-compose',
    needs: 'docker-compose version',
    script: `dir=$(mktemp -d); trap 'rm -r $dir' EXIT
      printf 'version: "3"\\nservices:\\n  one:\\n    image: ${IMAGE}\\n    network_mode: none\\n    command: sh -c "echo hello; exit 3"\\n' > $dir/c.yml
      compose="docker-compose --no-ansi -p team -f $dir/c.yml"
      $compose up --exit-code-from one; echo code $?; $compose ps; $compose logs; $compose down`,
  },
  {
    name: 'testcontainers',
    needs: 'test -d $1/node_modules/testcontainers',
    script: 'node $2/testcontainers.js $1',
  },
  {
    name: 'ansible',
    needs: 'command -v ansible-playbook',
    script: `export ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False
      ansible-playbook -i localhost, -c local -e ansible_python_interpreter=/usr/bin/python3 -e image=${IMAGE} $2/ansible.yml 2>&1
      docker rm -f played failing 2>&1`,
  },
  {
    name: 'prometheus docker_sd',
    needs: 'command -v prometheus jq',
    script: `dir=$(mktemp -d); trap 'kill $pid; wait; rm -r $dir; docker rm -f target >/dev/null' EXIT
      ${RUN} -d --name target --label team=a ${IMAGE} sleep 60
      printf 'scrape_configs:\\n- job_name: d\\n  docker_sd_configs:\\n  - host: %s\\n    refresh_interval: 1s\\n' $DOCKER_HOST > $dir/c.yml
      port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
      prometheus --config.file $dir/c.yml --storage.tsdb.path $dir/data --web.listen-address 127.0.0.1:$port >$dir/log 2>&1 & pid=$!
      for i in $(seq 60); do
        curl -s http://127.0.0.1:$port/api/v1/targets?state=active | jq -S '.data.activeTargets[].discoveredLabels' > $dir/targets
        grep -q meta_docker $dir/targets && break; sleep 0.5
      done
      cat $dir/targets`,
  },
  {
    name: 'autoheal',
    needs: 'test -x $1/autoheal && command -v jq',
    script: `trap 'docker rm -f sick >/dev/null' EXIT
      ${RUN} -d --name sick --label autoheal=true --health-cmd 'test -e /tmp/healthy' --health-interval 1s --health-retries 1 ${IMAGE} sleep 100
      for i in $(seq 40); do
        [ $(docker inspect -f '{{.State.Health.Status}}' sick) = unhealthy ] && break; sleep 0.5
      done
      DOCKER_SOCK=$SOCKET AUTOHEAL_INTERVAL=1 AUTOHEAL_DEFAULT_STOP_TIMEOUT=1 timeout 30 bash $1/autoheal autoheal 2>&1 | grep -m 1 -o 'found to be unhealthy'
      sleep 2; docker inspect -f '{{.State.Status}}' sick`,
  },
  {
    name: 'docker-gen',
    needs: 'test -x $1/docker-gen',
    script: `dir=$(mktemp -d); trap 'rm -r $dir; docker rm -f gen >/dev/null' EXIT
      ${RUN} -d --name gen --env VIRTUAL_HOST=a.example --label team=a ${IMAGE} sleep 60
      echo '{{range $c := .}}{{$c.Name}} {{$c.Image.Repository}} {{$c.Env.VIRTUAL_HOST}} {{$c.Labels.team}} {{$c.State.Running}}
{{end}}' > $dir/t
      $1/docker-gen -endpoint $DOCKER_HOST $dir/t`,
  },
  {
    name: 'docker-gen -watch',
    needs: 'test -x $1/docker-gen',
    script: `dir=$(mktemp -d); trap 'kill $pid; wait; rm -r $dir' EXIT
      echo '{{range $c := .}}{{$c.Name}} {{end}}' > $dir/t
      $1/docker-gen -endpoint $DOCKER_HOST -watch $dir/t $dir/out 2>/dev/null & pid=$!
      until [ -e $dir/out ]; do sleep 0.2; done
      ${RUN} -d --name watched ${IMAGE} sleep 60
      for i in $(seq 60); do grep -q watched $dir/out && break; sleep 0.5; done; cat $dir/out
      docker rm -f watched
      for i in $(seq 60); do grep -q watched $dir/out || break; sleep 0.5; done; cat $dir/out`,
  },
  {
    name: 'glances',
    needs: 'command -v glances && /usr/bin/python3 -c "import docker"',
    script: `trap 'docker rm -f glance >/dev/null' EXIT
      ${RUN} -d --name glance ${IMAGE} sleep 100
      timeout 60 glances --stdout-json docker --time 2 --stop-after 4 2>&1 |
        grep -o '"name": "glance"\\|"Status": "[a-z]*"\\|"Command": "[^"]*"' | sort -u`,
  },
  {
    name: 'a follower of logs',
    needs: '/usr/bin/python3 -c "import docker"',
    script: `/usr/bin/python3 $2/follower.py ${IMAGE}`,
  },
];
