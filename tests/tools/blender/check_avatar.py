"""What Blender makes of avatar.glb: checked, printed, and rendered by Cycles on one core.

    blender -b --factory-startup -P tests/tools/blender/check_avatar.py -- out/RUN/demo/avatar.glb PICTURES

writes PICTURES-{front,side,open}.png; ends with an error when anything is not as it should be. Not part of `./mosar test`: Blender is 1 GB.
"""
import math
import sys

import numpy

# Debian 12's Blender 3.4.1 imports glTF with a name that Debian 12's numpy 1.24 no longer has; without this line no file at all opens.
numpy.bool = bool

import bpy  # noqa: E402

avatar, pictures = sys.argv[sys.argv.index("--") + 1 :]


def hold(what, holds):
    print(("ok      " if holds else "WRONG   ") + what)
    if not holds:
        sys.exit(1)


def image_behind(socket):
    """The picture that feeds a socket, through whatever lies between."""
    for link in socket.links:
        node = link.from_node
        return node.image if node.type == "TEX_IMAGE" else next(filter(None, map(image_behind, node.inputs)), None)
    return None


bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=avatar)
scene = bpy.context.scene
meshes = [o for o in scene.objects if o.type == "MESH"]
hold(f"{len(meshes)} mesh", len(meshes) == 1)
head, data = meshes[0], meshes[0].data
corners = [head.matrix_world @ v.co for v in data.vertices]
size = [max(c[i] for c in corners) - min(c[i] for c in corners) for i in range(3)]
hold(f"{len(data.vertices)} vertices, {len(data.polygons)} triangles", 10_000 <= len(data.vertices) <= 16_000)
hold("size in metres (x, y, z): " + ", ".join(f"{s:.3f}" for s in size), all(0.15 < s < 0.5 for s in size))
keys = data.shape_keys.key_blocks
hold(f"{len(keys) - 1} shape keys", len(keys) == 54)
reach = {k.name: max((a.co - b.co).length for a, b in zip(k.data, keys[0].data)) for k in keys[1:]}
hold(f"each moves something, {1000 * min(reach.values()):.1f} to {1000 * max(reach.values()):.1f} mm", 0.001 < min(reach.values()) and max(reach.values()) < 0.06)
shader = next(n for n in data.materials[0].node_tree.nodes if n.type == "BSDF_PRINCIPLED")
for socket, space in (("Base Color", "sRGB"), ("Normal", "Non-Color")):
    image = image_behind(shader.inputs[socket])
    hold(f"{socket}: {image and image.name} {image and tuple(image.size)}", image is not None and image.colorspace_settings.name == space)

scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 24, False
scene.render.threads_mode, scene.render.threads = "FIXED", 1
scene.render.resolution_x = scene.render.resolution_y = 420
scene.view_settings.view_transform = "Standard"
scene.world = bpy.data.worlds.new("grey")
scene.world.use_nodes = True
scene.world.node_tree.nodes["Background"].inputs[0].default_value = (0.5, 0.5, 0.5, 1)
sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
sun.data.energy, sun.rotation_euler = 2, (math.radians(60), 0, math.radians(35))
camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
camera.data.angle = math.radians(28)
scene.collection.objects.link(sun)
scene.collection.objects.link(camera)
scene.camera = camera
open_face = {"jawOpen": 0.6, "mouthSmileLeft": 0.6, "mouthSmileRight": 0.6, "eyeBlinkLeft": 1}
for name, yaw, values in (("front", 0, {}), ("side", 50, {}), ("open", 15, open_face)):
    for key in keys[1:]:
        key.value = values.get(key.name, 0)
    # glTF's +Z, where the face looks, is Blender's -Y.
    turn = math.radians(yaw)
    camera.location, camera.rotation_euler = (0.85 * math.sin(turn), -0.85 * math.cos(turn), -0.02), (math.pi / 2, 0, turn)
    scene.render.filepath = f"{pictures}-{name}.png"
    bpy.ops.render.render(write_still=True)
