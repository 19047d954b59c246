#!/usr/bin/env bash
# Builds and tests everything. Other targets: ./build.sh --target=Clean|Restore|Format|Build|Test|Pack|Histories|Crash|Mutation|Bench|Million
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

dotnet tool restore --verbosity quiet
exec dotnet cake --verbosity=normal "$@"
