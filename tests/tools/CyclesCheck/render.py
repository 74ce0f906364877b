"""Renders what `StageSheets cycles` wrote with Blender's Cycles: blender -b --factory-startup -P render.py -- FOLDER [SAMPLES].

Reads scene.obj (mm), scene.json and NAME.sky.exr for every sky it names; writes NAME.shadowed.exr and NAME.open.exr (without shadows), the
radiance that leaves the white matt surface. Pictures that are there already are kept.
"""
import json
import os
import sys

import bpy

folder, *rest = sys.argv[sys.argv.index("--") + 1:]
samples = int(rest[0]) if rest else 256
spec = json.load(open(os.path.join(folder, "scene.json")))

bpy.ops.object.select_all(action="SELECT")
bpy.ops.object.delete()
if hasattr(bpy.ops.wm, "obj_import"):
    bpy.ops.wm.obj_import(filepath=os.path.join(folder, "scene.obj"), forward_axis="Y", up_axis="Z")
else:
    bpy.ops.import_scene.obj(filepath=os.path.join(folder, "scene.obj"), axis_forward="Y", axis_up="Z", split_mode="OFF")
head = bpy.context.selected_objects[0]
head.rotation_euler = (0, 0, 0)
head.data.use_auto_smooth = False
for polygon in head.data.polygons:
    polygon.use_smooth = True

material = bpy.data.materials.new("matt")
material.use_nodes = True
nodes, links = material.node_tree.nodes, material.node_tree.links
nodes.clear()
matt, out = nodes.new("ShaderNodeBsdfDiffuse"), nodes.new("ShaderNodeOutputMaterial")
matt.inputs["Color"].default_value = (1, 1, 1, 1)
links.new(matt.outputs[0], out.inputs["Surface"])
head.data.materials.clear()
head.data.materials.append(material)

camera = bpy.data.cameras.new("camera")
camera.sensor_fit = "HORIZONTAL"
camera.sensor_width = 36
camera.lens = 36 * spec["fx"] / spec["size"]
camera.clip_start, camera.clip_end = 1, 100000
holder = bpy.data.objects.new("camera", camera)
bpy.context.collection.objects.link(holder)
from mathutils import Matrix  # noqa: E402  (exists only inside Blender)

r, t = spec["rotation"], spec["centre"]
# Blender's camera looks along its own -Z with +Y up, as ours does; its rotation takes the camera's frame to the world: ours transposed.
holder.matrix_world = Matrix(((r[0], r[3], r[6], t[0]), (r[1], r[4], r[7], t[1]), (r[2], r[5], r[8], t[2]), (0, 0, 0, 1)))

scene = bpy.context.scene
scene.camera = holder
scene.render.engine = "CYCLES"
scene.cycles.device = "CPU"
scene.cycles.samples = samples
scene.cycles.use_denoising = False
scene.cycles.use_adaptive_sampling = False
scene.cycles.max_bounces = 0
scene.cycles.diffuse_bounces = 0
scene.cycles.pixel_filter_type = "BOX"
scene.render.film_transparent = True
scene.render.resolution_x = scene.render.resolution_y = spec["size"]
scene.render.resolution_percentage = 100
scene.view_settings.view_transform = "Raw"
scene.render.image_settings.file_format = "OPEN_EXR"
scene.render.image_settings.color_mode = "RGBA"
scene.render.image_settings.color_depth = "32"
scene.render.threads_mode, scene.render.threads = "FIXED", 2

world = bpy.data.worlds.new("sky")
scene.world = world
world.use_nodes = True
wn, wl = world.node_tree.nodes, world.node_tree.links
wn.clear()
background, sink = wn.new("ShaderNodeBackground"), wn.new("ShaderNodeOutputWorld")
wl.new(background.outputs[0], sink.inputs[0])

# Cycles looks a panorama up by u = 1/2 - atan2(y, x)/2pi with +Z up, we by u = 1/2 + atan2(x, -z)/2pi with +Y up: (x, y, z) becomes (-z, -x, y).
picture, at, turn = wn.new("ShaderNodeTexEnvironment"), wn.new("ShaderNodeTexCoord"), wn.new("ShaderNodeMapping")
picture.interpolation = "Linear"
turn.vector_type = "POINT"
turn.inputs["Rotation"].default_value = Matrix(((0, 0, -1), (-1, 0, 0), (0, 1, 0))).to_euler("XYZ")
wl.new(at.outputs["Generated"], turn.inputs["Vector"])
wl.new(turn.outputs["Vector"], picture.inputs["Vector"])
wl.new(picture.outputs["Color"], background.inputs["Color"])
for name in spec["skies"]:
    picture.image = bpy.data.images.load(os.path.join(folder, f"{name}.sky.exr"))
    for kind in ("shadowed", "open"):
        # Without shadows nothing but the camera sees the head.
        head.visible_shadow = head.visible_diffuse = kind == "shadowed"
        scene.render.filepath = os.path.join(folder, f"{name}.{kind}.exr")
        if not os.path.exists(scene.render.filepath):
            bpy.ops.render.render(write_still=True)
