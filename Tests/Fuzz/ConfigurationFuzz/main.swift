// The configuration's fuzzer. Build and run it with
//   COHERENTD_FUZZ=1 swift build -c release --scratch-path .build-fuzz \
//     --product configuration-fuzz
//   .build-fuzz/release/configuration-fuzz -max_total_time=60 CORPUS config
// where CORPUS is a directory for what it finds, and config, read only, is what it begins with.

ConfigurationFuzz.run()
