#!/usr/bin/env bash
# Makes docs/images/demo.png: runs the demo and takes a picture of its report as a terminal shows it.
# Needs chromium and ImageMagick (Debian: chromium imagemagick fonts-dejavu-core). A clamd is used where CLAMAV_HOST names one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dotnet run --project Dox.Host -- demo --exit --picture "$work/report.html"

# The colours of a dark terminal in place of the sixteen of 1987
sed -i 's/#008000/#56c271/g; s/#800000/#f0716a/g; s/#FF0000/#f0716a/g; s/#808000/#e3b341/g; s/#FFFF00/#e3b341/g; s/#000080/#6ea8fe/g; s/#808080/#77828f/g' "$work/report.html"

cat >"$work/page.html" <<HTML
<!doctype html><meta charset="utf-8">
<style>
  body { margin: 0; padding: 24px; background: #fff; display: inline-block; }
  .window { background: #14181f; border-radius: 10px; overflow: hidden; box-shadow: 0 6px 22px #0006; }
  .bar { background: #262c36; padding: 10px 14px; display: flex; gap: 8px; align-items: center; font: 13px "DejaVu Sans", sans-serif; color: #9aa4b2; }
  .bar i { width: 12px; height: 12px; border-radius: 6px; display: inline-block; }
  .bar b { font-weight: normal; margin-left: 10px; }
  pre { margin: 0; padding: 14px 20px 18px; color: #d7dde6; font: 13px/1.22 "DejaVu Sans Mono", monospace !important; }
  pre span { font-family: inherit !important; }
</style>
<div class="window">
<div class="bar"><i style="background:#ec6a5e"></i><i style="background:#f4bf4f"></i><i style="background:#61c554"></i><b>dotnet run --project Dox.Host -- demo</b></div>
$(cat "$work/report.html")
</div>
HTML

chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=2 --window-size=1500,2000 \
  --screenshot="$work/page.png" "file://$work/page.html" >/dev/null 2>&1
convert "$work/page.png" -trim -bordercolor white -border 16 +dither -colors 128 -strip "PNG8:docs/images/demo.png"
echo "docs/images/demo.png: $(stat --format=%s docs/images/demo.png) bytes"
