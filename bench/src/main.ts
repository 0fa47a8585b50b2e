process.stderr.write('no benchmarks yet\n');
process.exitCode = 2;
