namespace Fixture.Library;

public static class Arithmetic
{
    public static float Half(float x) => x / 2;
}
