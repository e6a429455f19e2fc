//go:build tools

// Package tools holds the versions of the etcd programs that go into an image; build.sh builds them by their paths.
package tools

import (
	_ "go.etcd.io/etcd/etcdctl/v3"
	_ "go.etcd.io/etcd/etcdutl/v3"
	_ "go.etcd.io/etcd/server/v3"
)
