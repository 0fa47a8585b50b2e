const USAGE = `usage: sockflow <command> [options]
`;

process.stdout.write(USAGE);
