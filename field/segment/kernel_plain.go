//go:build !(goexperiment.simd && amd64)

package segment

var fast = scalar
