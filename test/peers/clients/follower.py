"""Follows the logs of each container that starts, as log shippers do: follower.py IMAGE"""
import sys
import threading

import docker

client = docker.from_env()
seen = []


def follow(name):
    container = client.containers.get(name)
    for line in container.logs(stream=True, follow=True):
        seen.append((name, line))


events = client.events(decode=True, filters={'type': 'container', 'event': 'start'})
threads = []


def watch():
    for event in events:
        name = event['Actor']['Attributes']['name']
        thread = threading.Thread(target=follow, args=(name,))
        thread.start()
        threads.append(thread)
        if len(threads) == 3:
            return


watcher = threading.Thread(target=watch)
watcher.start()
boxes = [
    client.containers.run(
        sys.argv[1], ['sh', '-c', 'sleep 2; echo one; sleep 1; echo two'],
        name=name, network_mode='none', detach=True,
    )
    for name in ('first', 'second', 'third')
]
watcher.join()
events.close()
for thread in threads:
    thread.join()
for box in boxes:
    print(box.name, box.wait()['StatusCode'])
    box.remove()
for entry in sorted(seen):
    print(entry)
