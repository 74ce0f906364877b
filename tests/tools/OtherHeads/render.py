"""Photographs of the people that people.py made, by Blender's Cycles: blender -b --factory-startup -P render.py -- FOLDER SKIES [SAMPLES [FIRST LAST]].

Writes FOLDER/photographs/N.png, 512 x 512. Pictures that are there already are kept.
"""
import json
import math
import os
import sys

import bpy
import numpy as np
from mathutils import Matrix, Vector
from skimage import io, restoration

folder, skies, *rest = sys.argv[sys.argv.index("--") + 1:]
samples, first, last = (list(map(int, rest)) + [20, 1, 10 ** 6][len(rest):])[:3]
SIZE = 512


def to_world(p):
    """Millimetres, +Y up, to Blender's metres, +Z up."""
    return np.stack([p[..., 0], -p[..., 2], p[..., 1]], -1) / 1000


def add_mesh(name, data, material):
    sizes, corners = data[f"{name}_sizes"], data[f"{name}_corners"]
    mesh = bpy.data.meshes.new(name)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    mesh.from_pydata(to_world(data[f"{name}_vertices"]).tolist(), [], [corners[a:b].tolist() for a, b in zip(starts, starts[1:])])
    mesh.uv_layers.new().data.foreach_set("uv", data[f"{name}_uv"].astype(np.float32).ravel())
    mesh.polygons.foreach_set("use_smooth", np.ones(len(sizes), bool))
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.collection.objects.link(thing)
    return thing


def new_material(name, texture, tint=(1, 1, 1), grey=False, alpha=True, roughness=0.5, specular=0.5):
    """A principled surface, its colour a picture times a tint; where the picture is transparent, nothing."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, link = material.node_tree.nodes, material.node_tree.links.new
    surface, out = nodes["Principled BSDF"], nodes["Material Output"]
    surface.inputs["Roughness"].default_value = roughness
    surface.inputs["Specular"].default_value = specular
    picture = nodes.new("ShaderNodeTexImage")
    picture.image = bpy.data.images.load(texture, check_existing=True)
    colour = picture.outputs["Color"]
    if grey:  # hair: its strands from the picture, its colour our own
        bright = nodes.new("ShaderNodeRGBToBW")
        link(colour, bright.inputs[0])
        even = nodes.new("ShaderNodeMapRange")
        for k, v in enumerate((0, 0.35, 0.45, 1.5), 1):
            even.inputs[k].default_value = v
        link(bright.outputs[0], even.inputs[0])
        colour = even.outputs[0]
    times = nodes.new("ShaderNodeMixRGB")
    times.blend_type = "MULTIPLY"
    times.inputs["Fac"].default_value = 1
    times.inputs["Color2"].default_value = (*tint, 1)
    link(colour, times.inputs["Color1"])
    link(times.outputs["Color"], surface.inputs["Base Color"])
    if alpha:
        mix, clear = nodes.new("ShaderNodeMixShader"), nodes.new("ShaderNodeBsdfTransparent")
        link(picture.outputs["Alpha"], mix.inputs["Fac"])
        link(clear.outputs[0], mix.inputs[1])
        link(surface.outputs[0], mix.inputs[2])
        link(mix.outputs[0], out.inputs["Surface"])
    return material, surface, times


def skin_material(look, package):
    material, surface, times = new_material("skin", os.path.join(package, look["skin"]), look["tone"], alpha=False, roughness=look["roughness"], specular=0.4)
    nodes, link = material.node_tree.nodes, material.node_tree.links.new
    # The package's pictures give the face 2 mm a texel; pores and blotches that they no longer have are made up.
    where = nodes.new("ShaderNodeTexCoord")
    for scale, depth, put in ((90, 3, "tone"), (900, 2, "pores")):
        noise = nodes.new("ShaderNodeTexNoise")
        noise.inputs["Scale"].default_value = scale
        noise.inputs["Detail"].default_value = depth
        link(where.outputs["Object"], noise.inputs["Vector"])
        if put == "pores":
            bump = nodes.new("ShaderNodeBump")
            bump.inputs["Strength"].default_value = 0.25
            bump.inputs["Distance"].default_value = 0.0006
            link(noise.outputs["Fac"], bump.inputs["Height"])
            link(bump.outputs["Normal"], surface.inputs["Normal"])
        else:
            spread = nodes.new("ShaderNodeMapRange")
            for k, v in enumerate((0.3, 0.7, 0.88, 1.1), 1):
                spread.inputs[k].default_value = v
            link(noise.outputs["Fac"], spread.inputs[0])
            blotch = nodes.new("ShaderNodeMixRGB")
            blotch.blend_type = "MULTIPLY"
            blotch.inputs["Fac"].default_value = 1
            link(times.outputs["Color"], blotch.inputs["Color1"])
            link(spread.outputs[0], blotch.inputs["Color2"])
            link(blotch.outputs["Color"], surface.inputs["Base Color"])
    return material


def set_sky(path, turn):
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    nodes, link = world.node_tree.nodes, world.node_tree.links.new
    sky, turned, where = nodes.new("ShaderNodeTexEnvironment"), nodes.new("ShaderNodeMapping"), nodes.new("ShaderNodeTexCoord")
    sky.image = bpy.data.images.load(path, check_existing=True)
    turned.inputs["Rotation"].default_value[2] = math.radians(turn)
    link(where.outputs["Generated"], turned.inputs["Vector"])
    link(turned.outputs["Vector"], sky.inputs["Vector"])
    # A camera balances most of a cast away.
    pixels = np.empty(len(sky.image.pixels), np.float32)
    sky.image.pixels.foreach_get(pixels)
    height, width = sky.image.size[1], sky.image.size[0]
    rows = np.sin(np.pi * (np.arange(height) + 0.5) / height)
    mean = np.minimum(pixels.reshape(height, width, -1)[..., :3], 20).mean(1).T @ rows
    times = nodes.new("ShaderNodeMixRGB")
    times.blend_type = "MULTIPLY"
    times.inputs["Fac"].default_value = 1
    times.inputs["Color2"].default_value = (*(mean.mean() / mean) ** 0.8, 1)
    link(sky.outputs["Color"], times.inputs["Color1"])
    link(times.outputs["Color"], nodes["Background"].inputs["Color"])


def set_camera(spec):
    """The camera goes round the head, which stays upright: yaw above 0 shows the left cheek."""
    view, middle = spec["view"], np.array(spec["middle"])
    yaw, pitch = math.radians(view["yaw"]), math.radians(view["pitch"])
    # The head's middle, from the keypoints' at the front.
    middle = to_world(middle + [0, 12, -45])
    away = Vector((math.sin(yaw) * math.cos(pitch), -math.cos(yaw) * math.cos(pitch), math.sin(pitch)))
    camera = bpy.data.cameras.new("camera")
    camera.sensor_width = 36
    camera.lens = 36 * view["distance"] / view["width"]
    camera.clip_start, camera.clip_end = 0.01, 1000
    camera.shift_x, camera.shift_y = (s / view["width"] for s in view["shift"])
    holder = bpy.data.objects.new("camera", camera)
    bpy.context.collection.objects.link(holder)
    turn = away.to_track_quat("Z", "Y").to_matrix().to_4x4() @ Matrix.Rotation(math.radians(view["roll"]), 4, "Z")
    holder.matrix_world = Matrix.Translation(Vector(middle) + away * view["distance"]) @ turn
    bpy.context.scene.camera = holder


def expose(scene, wanted, scratch):
    """A small picture first, whose middle says how bright the face is."""
    scene.render.resolution_x = scene.render.resolution_y = 48
    scene.cycles.samples, scene.cycles.use_denoising = 12, False
    scene.render.image_settings.file_format, scene.render.image_settings.color_mode = "OPEN_EXR", "RGB"
    scene.render.filepath = scratch
    bpy.ops.render.render(write_still=True)
    picture = bpy.data.images.load(scratch)
    pixels = np.array(picture.pixels[:]).reshape(48, 48, -1)[14:34, 14:34, :3]
    bpy.data.images.remove(picture)
    os.remove(scratch)
    scene.view_settings.exposure = math.log2(wanted / max(1e-4, float(np.median(pixels @ [0.2126, 0.7152, 0.0722]))))


def denoise(noisy, out):
    """Debian's Blender has no denoiser. Like a camera's: most of the grain goes, a little stays."""
    picture = io.imread(noisy)[..., :3] / 255
    grain = np.mean(restoration.estimate_sigma(picture, channel_axis=-1))
    smooth = restoration.denoise_nl_means(picture, 5, 5, h=0.7 * grain, sigma=grain, fast_mode=True, channel_axis=-1)
    io.imsave(out, np.round(255 * np.clip(smooth, 0, 1)).astype(np.uint8), check_contrast=False)
    os.remove(noisy)


def render(spec, data, out):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    look, package, scene = spec["look"], spec["package"], bpy.context.scene
    add_mesh("skin", data, skin_material(look, package))
    for kind, texture in look["pieces"].items():
        hair = kind in ("hair", "beard", "eyebrows")
        dark = [0.6 * c for c in look["hair_colour"]] if kind == "eyebrows" else look["hair_colour"]
        material, *_ = new_material(kind, os.path.join(package, texture), dark if hair else (0.75,) * 3 if kind == "teeth" else (1, 1, 1), grey=hair,
                                    alpha=kind not in ("tongue",), roughness=0.08 if kind == "eyes" else 0.65, specular=0.5 if kind == "eyes" else 0.1)
        add_mesh(kind, data, material)
    files = sorted(f for f in os.listdir(skies) if f.endswith(".hdr"))
    set_sky(os.path.join(skies, files[spec["view"]["sky_number"] % len(files)]), spec["view"]["sky"])
    set_camera(spec)

    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.cycles.max_bounces, scene.cycles.transparent_max_bounces = 1, 8
    scene.cycles.sample_clamp_indirect = 4
    scene.cycles.use_adaptive_sampling, scene.cycles.adaptive_threshold, scene.cycles.adaptive_min_samples = True, 0.05, 8
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = "Medium High Contrast"
    expose(scene, 0.13 if spec["race"] == "african" else 0.24, out + ".exr")
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.cycles.samples = samples
    scene.render.image_settings.file_format, scene.render.image_settings.color_mode = "PNG", "RGB"
    scene.render.filepath = out + ".noisy.png"
    bpy.ops.render.render(write_still=True)
    denoise(out + ".noisy.png", out)


os.makedirs(os.path.join(folder, "photographs"), exist_ok=True)
people = sorted(int(f[:-5]) for f in os.listdir(os.path.join(folder, "people")) if f.endswith(".json"))
for i in people:
    out = os.path.join(os.path.abspath(folder), "photographs", f"{i}.png")
    if first <= i <= last and not os.path.exists(out):
        render(json.load(open(os.path.join(folder, "people", f"{i}.json"))), np.load(os.path.join(folder, "people", f"{i}.npz")), out)
