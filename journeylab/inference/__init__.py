"""Pure: image to mesh, mesh to action units, affect and gaze."""
