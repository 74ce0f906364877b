#!/usr/bin/env bash
# One row of docs/evaluation.md's table of another model's heads: ./measure.sh HEADS NAME WEIGHTS [options of mosar run …]
# WEIGHTS of geometry.scene, or - for geometry.linear-3dmm, which has none. MEAN_FACE=1 adds the mean face's row.
#   ./measure.sh heads gnn samples/models/scene-gnn.safetensors --set pipeline.geometry.refinement=0
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
mosar=$here/../../../mosar heads=$1 name=$2 weights=$3
shift 3
run=$heads/runs/$name
geometry=()
case $weights in
  -) manifest=$here/linear.yaml ;;
  *) manifest=$here/geometry.yaml; geometry=(--set "pipeline.geometry.weights=$weights") ;;
esac
rm -rf "$run"
# A face that is not found fails its photograph, not the measurement.
"$mosar" run "$heads/photographs" -m "$manifest" --out "$run" "${geometry[@]}" "$@" >"$heads/runs-$name.log" 2>&1 || [ $? = 1 ] || { cat "$heads/runs-$name.log"; exit 2; }
"$mosar" eval realy "$run" --truth "$heads/truth" ${MEAN_FACE:+--mean-face} --each --json >"$run/realy.json"
"$mosar" eval artefacts "$run" --json >"$run/artefacts.json"
python3 "$here/people.py" row "$heads" "$name"
