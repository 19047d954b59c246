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

# One project at a time: over the whole solution the fix is lost wherever one project does not build without it.
for project in src/*/*.csproj; do
    dotnet format analyzers "$project" --diagnostics RS0016 --severity warn --verbosity quiet
done
git --no-pager diff --stat -- 'src/*/PublicAPI.*.txt'
