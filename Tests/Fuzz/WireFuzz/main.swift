// The fuzzer's main. The package names every program's entry itself, so libFuzzer's own `main` is
// not used: its driver is called from here.

runWireFuzzer()
