#!/usr/bin/env bash
# Writes every public symbol that is not in a project's PublicAPI.Shipped.txt into its PublicAPI.Unshipped.txt.
# A shipped symbol that is gone is a breaking change: declare it by hand, with a line "*REMOVED*<the shipped line>".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Starting from empty files drops what no longer exists; the analyzer's own fix only adds.
for file in src/*/PublicAPI.Unshipped.txt; do
    declared=$(grep '^\*REMOVED\*' "$file" || true)
    printf '%s\n' '#nullable enable' ${declared:+"$declared"} > "$file"
done

dotnet format analyzers KvSessions.sln --diagnostics RS0016 --verbosity quiet
git --no-pager diff --stat -- 'src/*/PublicAPI.*.txt'
