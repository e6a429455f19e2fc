#!/bin/bash
# sandbox.sh NAME: one "machine" of the test cluster: its own mount, network, process, IPC and host-name namespaces.
# Writes the process id of its PID 1, as seen from here, to $CLUSTER_HOME/run/NAME.pid. To kill that process is to pull
# the plug: the kernel ends all others in the sandbox, and mounts and network go with the namespaces.
set -euo pipefail
name=$1
run=$CLUSTER_HOME/run
disk=$CLUSTER_HOME/state/$name

enter() { # Runs outside: makes the namespaces and waits until the inside is ready.
  mkdir -p "$run" "$disk"
  rm -f "$run/$name.ready" "$run/$name.pid"
  setsid unshare --mount --net --pid --ipc --uts --fork --kill-child=KILL --mount-proc --propagation private \
    "$0" "$name" inside </dev/null >"$run/$name.log" 2>&1 &
  local outer=$!
  for _ in $(seq 400); do
    [ -e "$run/$name.ready" ] && break
    [ -d "/proc/$outer" ] || break
    sleep 0.025
  done
  [ -e "$run/$name.ready" ] || { echo "sandbox $name did not start:" >&2; cat "$run/$name.log" >&2; exit 1; }
  tr -d ' ' < "/proc/$outer/task/$outer/children" > "$run/$name.pid"
}

mount_cgroups() {
  # A sysfs of the new network namespace hides the cgroup mounts: put them back upon it.
  mkdir -p "$disk/cgroup"
  mount --rbind /sys/fs/cgroup "$disk/cgroup"
  mount -t sysfs sysfs /sys
  mount --rbind "$disk/cgroup" /sys/fs/cgroup
  umount -l "$disk/cgroup"
  local hierarchy group
  for hierarchy in /sys/fs/cgroup/*/; do
    for group in toque toque/$name; do
      mkdir -p "$hierarchy$group"
      [ -e "$hierarchy/cpuset.cpus" ] || continue # A cpuset without CPUs takes no process.
      cat "$hierarchy/cpuset.cpus" > "$hierarchy$group/cpuset.cpus"
      cat "$hierarchy/cpuset.mems" > "$hierarchy$group/cpuset.mems"
    done
  done
}

mount_folders() {
  mount --make-rshared / # Volumes mounted by the kubelet must be seen by containerd.
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/lock /run/netns
  # Folders with fixed names, each sandbox its own; on a real file system, since overlayfs can't stand on a tmpfs.
  local folder
  for folder in /var/lib/containerd /var/lib/kubelet /var/log/pods /var/log/containers /var/lib/cni /etc/cni /etc/containerd /usr/libexec/kubernetes; do
    mkdir -p "$folder" "$disk$folder"
    mount --bind "$disk$folder" "$folder"
  done
  # Host-path volumes are shared by all nodes, like network storage.
  mkdir -p /tmp/hostpath_pv "$CLUSTER_HOME/state/volumes"
  mount --bind "$CLUSTER_HOME/state/volumes" /tmp/hostpath_pv
  printf 'nameserver 10.250.0.1\nsearch svc.cluster.local cluster.local\noptions ndots:5\n' > /run/resolv.conf
  mount --bind /run/resolv.conf /etc/resolv.conf
}

# The kubelet sets these, for the whole machine, unless they are so already: show it files that say so.
hide_sysctl() {
  local copy=/run/sysctl.${1//\//.}
  echo "$2" > "$copy"
  mount --bind "$copy" "/proc/sys/$1"
}

inside() {
  hostname "$name"
  mount_cgroups
  mount_folders
  hide_sysctl vm/overcommit_memory 1
  hide_sysctl vm/panic_on_oom 0
  hide_sysctl kernel/panic 10
  hide_sysctl kernel/panic_on_oops 1
  hide_sysctl kernel/keys/root_maxkeys 1000000
  hide_sysctl kernel/keys/root_maxbytes 25000000
  ip link set lo up
  sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1 # Of this network namespace only.
  touch "$run/$name.ready"
  exec "$CLUSTER_HOME/bin/init"
}

if [ "${2:-}" = inside ]; then inside; else enter; fi
